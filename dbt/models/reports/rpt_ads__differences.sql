{{ config(tags=['households']) }}

with

ad_plays as (

    select * from {{ ref('int_ad_plays_placed') }}

),

counted_plays as (

    select * from {{ ref('stg_ads__counted_plays') }}

),

-- the counters forget after some days, so the log is compared from their oldest row on
kept as (

    select min(counted_at) as since_at
    from counted_plays

),

logged as (

    select
        ad_plays.break_id,
        ad_plays.spot_id,
        min(ad_plays.happened_at) as happened_at
    from ad_plays
    inner join kept on ad_plays.happened_at >= kept.since_at
    where
        ad_plays.break_id is not null
        and (ad_plays.viewers_id is not null or ad_plays.is_decided_here)
    group by all

),

counted as (

    select
        break_id,
        spot_id,
        min(counted_at) as counted_at
    from counted_plays
    where state = 'played'
    group by all

),

differences as (

    select
        coalesce(logged.break_id, counted.break_id) as break_id,
        coalesce(logged.spot_id, counted.spot_id) as spot_id,
        coalesce(logged.happened_at, counted.counted_at) as happened_at,
        case when counted.break_id is null then 'not counted' else 'not in the log' end as difference
    from logged
    full outer join counted
        on logged.break_id = counted.break_id
        and logged.spot_id = counted.spot_id
    where
        logged.break_id is null
        or counted.break_id is null

)

select * from differences
