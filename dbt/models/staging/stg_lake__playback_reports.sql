with

source as (

    select * from {{ source('lake', 'events') }}

),

views as (

    select
        playback_id,
        content_id,
        device_class,
        happened_at,
        nullif(duration_s, 0) as duration_s,
        batch_id,
        coalesce(watched_s, 0) as watched_s,
        -- PRV-2: without consent a report counts for everybody together and for no device
        has_personalisation_consent and device_key is not null as is_personal,
        case when has_personalisation_consent then device_key end as device_key
    from source
    where
        event = 'view'
        and playback_id is not null

)

select * from views
