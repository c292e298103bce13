{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        meta={'touched': 'int_days_touched', 'replaces': 'old.day = touched.day'},
    )
}}

with

touched as (

    select * from {{ ref('int_days_touched') }}

),

content_days as (

    select * from {{ ref('fct_content_days') }}
    where day in (select touched.day from touched)

),

-- a playback that follows a touched day may belong to a later recommendation, of a day that is not touched
days_needed as (

    select distinct
        unnest(generate_series(
            day::timestamp,
            (day + interval 1 day)::timestamp + interval ({{ var('volume_attribution_hours') }}) hour,
            interval 1 day
        ))::date as day
    from touched

),

recommendations as (

    select
        *,
        happened_at::date as day
    from {{ ref('int_recommendations_kept') }}
    where happened_at::date in (select days_needed.day from days_needed)

),

playbacks as (

    select * from {{ ref('fct_playbacks') }}
    where started_at::date in (select days_needed.day from days_needed)

),

recommendations_counted as (

    select
        day,
        device_class,
        arm,
        count(distinct device_key) as unit_count,
        count(*) as recommendation_count
    from recommendations
    group by all

),

units as (

    select distinct
        day,
        device_class,
        arm,
        device_key
    from recommendations
    where
        device_key is not null
        and arm is not null

),

unit_volumes as (

    select
        units.day,
        units.device_class,
        units.arm,
        {{ seconds_summed('playbacks.watched_s') }} as watched_s
    from units
    inner join playbacks
        on units.device_key = playbacks.device_key
        and units.day = playbacks.started_at::date
    group by all

),

-- the row without an arm holds what everybody watched, with and without consent
total_volumes as (

    select
        day,
        device_class,
        null::varchar as arm,
        {{ seconds_summed('watched_s') }} as watched_s
    from content_days
    group by all

),

volumes as (

    select * from unit_volumes
    union all
    select * from total_volumes

),

items_shown as (

    select
        event_id,
        happened_at,
        day,
        device_key,
        device_class,
        arm,
        unnest(items) as content_id
    from recommendations
    where device_key is not null

),

-- a playback counts once, for the last recommendation that showed it
attributions as (

    select
        playbacks.playback_id,
        any_value(playbacks.watched_s) as watched_s,
        max_by(
            { 'day': items_shown.day, 'device_class': items_shown.device_class, 'arm': items_shown.arm },
            { 'happened_at': items_shown.happened_at, 'event_id': items_shown.event_id }
        ) as shown
    from playbacks
    inner join items_shown
        on playbacks.device_key = items_shown.device_key
        and playbacks.content_id = items_shown.content_id
        and playbacks.started_at >= items_shown.happened_at
        and playbacks.started_at
        < items_shown.happened_at + interval ({{ var('volume_attribution_hours') }}) hour
    group by playbacks.playback_id

),

attributed_volumes as (

    select
        shown.day,
        shown.device_class,
        shown.arm,
        {{ seconds_summed('watched_s') }} as attributed_watched_s
    from attributions
    group by all

),

arms_known as (

    select
        day,
        device_class,
        arm
    from recommendations_counted
    union
    select
        day,
        device_class,
        arm
    from volumes

),

arms as (

    select
        arms_known.day,
        arms_known.device_class,
        null::varchar as experiment,
        arms_known.arm,
        coalesce(recommendations_counted.unit_count, 0) as unit_count,
        coalesce(recommendations_counted.recommendation_count, 0) as recommendation_count,
        coalesce(volumes.watched_s, 0) as watched_s,
        coalesce(attributed_volumes.attributed_watched_s, 0) as attributed_watched_s
    from arms_known
    left join recommendations_counted
        on arms_known.day = recommendations_counted.day
        and arms_known.device_class = recommendations_counted.device_class
        and arms_known.arm is not distinct from recommendations_counted.arm
    left join volumes
        on arms_known.day = volumes.day
        and arms_known.device_class = volumes.device_class
        and arms_known.arm is not distinct from volumes.arm
    left join attributed_volumes
        on arms_known.day = attributed_volumes.day
        and arms_known.device_class = attributed_volumes.device_class
        and arms_known.arm is not distinct from attributed_volumes.arm

),

touched_rows as (

    select arms.*
    from arms
    inner join touched on arms.day = touched.day

)

select * from touched_rows
