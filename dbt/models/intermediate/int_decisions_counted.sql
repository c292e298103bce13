{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='hour') }}

with

decisions as (

    select * from {{ ref('stg_lake__decisions') }}

),

counted as (

    select
        decided_hour as hour,
        device_class,
        "case",
        reason,
        model_version,
        experiment,
        arm,
        count(*) as decision_count,
        quantile_cont(latency_ms, 0.99) as p99_latency_ms,
        max(decided_at) as newest_at,
        max(batch_id) as newest_batch_id
    from decisions
    group by all

)

select * from counted
