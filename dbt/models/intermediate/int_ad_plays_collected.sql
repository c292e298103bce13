{{ config(materialized='incremental', incremental_strategy='append') }}

with

ad_plays as (

    select * from {{ ref('stg_lake__ad_plays') }}

),

collected as (

    select
        event_id,
        happened_at,
        device_key,
        device_class,
        spot_id,
        break_id,
        batch_id
    from ad_plays

)

select * from collected
