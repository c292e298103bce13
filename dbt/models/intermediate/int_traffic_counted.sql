{{ config(materialized='incremental', incremental_strategy='append') }}

with

events as (

    select * from {{ source('lake', 'events') }}

),

counted as (

    select
        date_trunc('hour', happened_at) as hour,
        device_class,
        batch_id,
        count(*) as report_count
    from events
    where event = 'view'
    group by all

)

select * from counted
