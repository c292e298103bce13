with

source as (

    select * from {{ source('lake', 'events') }}

),

recommendations as (

    select
        event_id,
        happened_at,
        device_class,
        arm,
        items,
        batch_id,
        -- PRV-2: without consent what was shown is counted and followed up for no device
        case when has_personalisation_consent then device_key end as device_key
    from source
    where
        event = 'recommendation'
        and use_case = 'next-video'

)

select * from recommendations
