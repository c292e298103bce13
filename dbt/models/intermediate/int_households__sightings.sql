{{ config(materialized='incremental', incremental_strategy='append') }}

with

events as (

    select * from {{ source('lake', 'events') }}

),

personal_events as (

    -- PRV-2: who has not agreed to personalisation is counted to no household
    select
        device_key,
        address_key,
        user_key,
        device_class,
        happened_at,
        batch_id,
        coalesce(is_mac_local, false) as is_mac_local,
        {{ begin_of_bucket('happened_at', var('household_bucket_microseconds')) }} as bucket_starts_at
    from events
    where
        has_personalisation_consent
        and device_key is not null
        and address_key is not null

),

sightings as (

    select
        device_key,
        address_key,
        bucket_starts_at,
        device_class,
        user_key,
        bool_or(is_mac_local) as is_mac_local,
        count(*) as event_count,
        max(happened_at) as last_at,
        max(batch_id) as last_batch_id
    from personal_events
    group by device_key, address_key, bucket_starts_at, device_class, user_key

)

select * from sightings
