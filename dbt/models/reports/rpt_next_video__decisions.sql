{{ config(materialized='view') }}

with

decisions_counted as (

    select * from {{ ref('int_decisions_counted') }}

),

decisions as (

    select
        hour,
        device_class,
        "case",
        reason,
        model_version,
        experiment,
        arm,
        decision_count,
        p99_latency_ms
    from decisions_counted

)

select * from decisions
