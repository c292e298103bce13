with

source as (

    select * from {{ source('lake', 'decisions') }}

),

decisions as (

    select
        decision_id,
        decided_at,
        "case",
        reason,
        device_class,
        experiment,
        arm,
        model_version,
        latency_ms,
        batch_id,
        date_trunc('hour', decided_at) as decided_hour
    from source
    where route = 'next-video'

)

select * from decisions
