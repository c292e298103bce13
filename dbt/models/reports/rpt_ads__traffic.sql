{{ config(materialized='view') }}

with

traffic_counted as (

    select * from {{ ref('int_traffic_counted') }}

),

traffic as (

    select
        hour,
        device_class,
        sum(report_count)::bigint as report_count
    from traffic_counted
    group by all

)

select * from traffic
