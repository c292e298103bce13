{{ config(tags=['households']) }}

with

source as (

    select * from {{ source('ads', 'counted_plays') }}

),

named as (

    select
        spot_id,
        campaign_id,
        break_id,
        counted_at,
        state,
        is_decided_here
    from source

)

select * from named
