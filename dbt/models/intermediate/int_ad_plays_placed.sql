{{ config(tags=['households']) }}

with

ad_plays as (

    select * from {{ ref('int_ad_plays_collected') }}

),

assignments as (

    select * from {{ ref('stg_households__assignments') }}

),

spots as (

    select * from {{ ref('stg_ads__spots') }}

),

counted_plays as (

    select * from {{ ref('stg_ads__counted_plays') }}

),

rules as (

    select * from {{ ref('stg_ads__rules') }}

),

creatives as (

    select
        spot_id,
        max(creative) as creative
    from spots
    group by spot_id

),

decided as (

    select distinct break_id
    from counted_plays
    where is_decided_here

),

-- at the time of the play
homes as (

    select
        ad_plays.event_id,
        max(assignments.household_id) as household_id
    from ad_plays
    inner join assignments
        on ad_plays.device_key = assignments.device_key
        and ad_plays.happened_at >= assignments.from_at
        and (assignments.until_at is null or ad_plays.happened_at < assignments.until_at)
    group by ad_plays.event_id

),

placed as (

    select
        ad_plays.event_id,
        ad_plays.happened_at,
        timezone(rules.timezone, timezone('UTC', ad_plays.happened_at))::date as day,
        -- who saw it: the household, or the device alone; nobody without consent (PRV-2)
        coalesce(homes.household_id, ad_plays.device_key) as viewers_id,
        ad_plays.device_class,
        ad_plays.spot_id,
        coalesce(creatives.creative, ad_plays.spot_id) as creative,
        ad_plays.break_id,
        decided.break_id is not null as is_decided_here
    from ad_plays
    cross join rules
    left join homes on ad_plays.event_id = homes.event_id
    left join creatives on ad_plays.spot_id = creatives.spot_id
    left join decided on ad_plays.break_id = decided.break_id

)

select * from placed
