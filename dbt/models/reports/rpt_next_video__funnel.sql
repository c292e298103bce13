{{ config(materialized='view') }}

with

run as (

    select * from {{ ref('stg_platform__run') }}

),

events_counted as (

    select * from {{ ref('int_events_counted') }}

),

playbacks as (

    select * from {{ ref('fct_playbacks') }}

),

content_counts as (

    select * from {{ ref('feat_next_video__content_counts') }}

),

event_steps as (

    select
        device_class,
        sum(event_count) as events,
        sum(report_count) as reports,
        sum(personal_report_count) as personal_reports
    from events_counted
    group by device_class

),

playback_steps as (

    select
        playbacks.device_class,
        count(*) as playbacks,
        count(*) filter (where playbacks.is_video) as video_playbacks,
        count(*) filter (where playbacks.is_video and playbacks.is_play) as plays,
        count(*) filter (
            where playbacks.is_video and playbacks.is_play and {{ is_in_window('playbacks.started_at') }}
        ) as plays_in_window,
        count(*) filter (
            where
            playbacks.is_play
            and {{ is_in_window('playbacks.started_at') }}
            and coalesce(content_counts.is_trainable, false)
        ) as training_plays
    from playbacks
    cross join run
    left join content_counts on playbacks.content_id = content_counts.content_id
    group by playbacks.device_class

),

steps_joined as (

    select
        event_steps.device_class,
        event_steps.events,
        event_steps.reports,
        event_steps.personal_reports,
        playback_steps.playbacks,
        playback_steps.video_playbacks,
        playback_steps.plays,
        playback_steps.plays_in_window,
        playback_steps.training_plays
    from event_steps
    left join playback_steps on event_steps.device_class = playback_steps.device_class

),

steps as (

    {% for number, step, requirement, kept, before in [
        (1, 'events', 'LOG-1', 'events', 'events'),
        (2, 'views', 'LOG-1', 'reports', 'events'),
        (3, 'views with consent', 'PRV-2', 'personal_reports', 'reports'),
        (4, 'playbacks', 'NV-T2', 'playbacks', 'personal_reports'),
        (5, 'playbacks of known videos', 'NV-C1', 'video_playbacks', 'playbacks'),
        (6, 'plays of at least the share', 'NV-T2', 'plays', 'video_playbacks'),
        (7, 'plays inside the window', 'NV-T1', 'plays_in_window', 'plays'),
        (8, 'training plays', 'NV-T3', 'training_plays', 'plays_in_window'),
    ] %}
        select
            {{ number }} as step_number,
            '{{ step }}' as step,
            '{{ requirement }}' as requirement,
            device_class,
            coalesce({{ kept }}, 0)::bigint as row_count,
            (coalesce({{ before }}, 0) - coalesce({{ kept }}, 0))::bigint as dropped_count
        from steps_joined
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from steps
