{{ config(tags=['households']) }}

with

ad_plays as (

    select * from {{ ref('int_ad_plays_placed') }}

),

spots as (

    select * from {{ ref('stg_ads__spots') }}

),

-- a film that two campaigns show counts for both, once each
films as (

    select
        campaign_id,
        creative,
        min(starts_at) as starts_at,
        max(ends_at) as ends_at,
        min(per_day) as per_day
    from spots
    group by all

),

household_days as (

    select
        ad_plays.viewers_id,
        ad_plays.day,
        films.campaign_id,
        count(*) as play_count,
        min(films.per_day) as per_day,
        max(ad_plays.happened_at) as newest_at,
        coalesce(bool_and(ad_plays.is_decided_here), false) as is_decided_here
    from ad_plays
    inner join films
        on ad_plays.creative = films.creative
        and ad_plays.happened_at >= films.starts_at
        and ad_plays.happened_at < films.ends_at
    where ad_plays.viewers_id is not null
    group by all

)

select * from household_days
