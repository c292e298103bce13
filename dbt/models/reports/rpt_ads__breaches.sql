{{ config(tags=['households']) }}

with

ad_plays as (

    select * from {{ ref('int_ad_plays_placed') }}

),

household_days as (

    select * from {{ ref('rpt_ads__household_days') }}

),

rules as (

    select * from {{ ref('stg_ads__rules') }}

),

same_break as (

    select
        'break' as cap,
        break_id as subject,
        creative as shown,
        max(happened_at) as happened_at,
        count(*) as play_count,
        bool_and(is_decided_here) as is_decided_here
    from ad_plays
    where break_id is not null
    group by break_id, creative
    having count(*) > 1

),

per_day as (

    select
        'day' as cap,
        viewers_id as subject,
        campaign_id as shown,
        newest_at as happened_at,
        play_count,
        is_decided_here
    from household_days
    where play_count > per_day

),

followed as (

    select
        viewers_id,
        creative,
        happened_at,
        is_decided_here,
        break_id,
        lag(happened_at) over one_film as before_at,
        lag(break_id) over one_film as before_break_id,
        lag(is_decided_here) over one_film as is_before_decided_here
    from ad_plays
    where viewers_id is not null
    window one_film as (partition by viewers_id, creative order by happened_at, event_id)

),

-- within one break it is a breach of the break's own cap, and told there
too_soon as (

    select
        'gap' as cap,
        followed.viewers_id as subject,
        followed.creative as shown,
        followed.happened_at,
        count(*) as play_count,
        bool_and(followed.is_decided_here and followed.is_before_decided_here) as is_decided_here
    from followed
    cross join rules
    where
        followed.break_id is distinct from followed.before_break_id
        and followed.happened_at < followed.before_at + rules.gap_minutes * interval 1 minute
    group by all

),

breaches as (

    select * from same_break
    union all
    select * from per_day
    union all
    select * from too_soon

)

select * from breaches
