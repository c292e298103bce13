{{ config(tags=['households']) }}

with

source as (

    select * from {{ source('ads', 'campaigns') }}

),

unnested as (

    select
        campaign_id,
        starts_at,
        ends_at,
        try_cast(json_extract_string(cap, '$.per_day') as integer) as per_day,
        unnest(from_json(spots, '[{"spot_id": "VARCHAR", "media_url": "VARCHAR"}]')) as spot
    from source

),

spots as (

    select
        campaign_id,
        starts_at,
        ends_at,
        per_day,
        struct_extract(spot, 'spot_id') as spot_id,
        -- HH-11: one film under two ids is one creative
        coalesce(struct_extract(spot, 'media_url'), struct_extract(spot, 'spot_id')) as creative
    from unnested

)

select * from spots
