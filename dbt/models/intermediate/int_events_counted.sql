{{ config(materialized='incremental', incremental_strategy='append') }}

with

events as (

    select * from {{ source('lake', 'events') }}

),

counted as (

    select
        batch_id,
        device_class,
        count(*) as event_count,
        count(*) filter (where event = 'view' and playback_id is not null) as report_count,
        count(*) filter (
            where
            event = 'view'
            and playback_id is not null
            and has_personalisation_consent
            and device_key is not null
        ) as personal_report_count,
        max(happened_at) as newest_at
    from events
    group by batch_id, device_class

)

select * from counted
