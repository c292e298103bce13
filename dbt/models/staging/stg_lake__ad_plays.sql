with

source as (

    select * from {{ source('lake', 'events') }}

),

ad_plays as (

    select
        event_id,
        happened_at,
        device_class,
        spot_id,
        break_id,
        batch_id,
        -- PRV-2: without consent to advertising a play is counted for its break, and for nobody
        case when has_advertising_consent then device_key end as device_key
    from source
    where
        event = 'ad'
        and spot_id is not null

)

select * from ad_plays
