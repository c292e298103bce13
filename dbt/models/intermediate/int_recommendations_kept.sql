{{ config(materialized='incremental', incremental_strategy='append') }}

with

run as (

    select * from {{ ref('stg_platform__run') }}

),

recommendations as (

    select * from {{ ref('stg_lake__recommendations') }}

),

kept as (

    select
        recommendations.event_id,
        recommendations.happened_at,
        recommendations.device_key,
        recommendations.device_class,
        recommendations.arm,
        recommendations.items,
        run.build_id
    from recommendations
    cross join run

)

select * from kept
