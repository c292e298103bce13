{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='playback_id') }}

with

run as (

    select * from {{ ref('stg_platform__run') }}

),

reports as (

    select * from {{ ref('stg_lake__playback_reports') }}

),

content as (

    select * from {{ ref('int_content_tracked') }}

),

reports_merged as (

    select
        playback_id,
        min(content_id) as content_id,
        min(device_class) as device_class,
        min(happened_at) as started_at,
        max(happened_at) as ended_at,
        max(watched_s) as watched_s,
        max(duration_s) as reported_duration_s,
        count(*) as report_count,
        min(device_key) as device_key,
        min(happened_at) filter (where is_personal) as personal_started_at,
        max(happened_at) filter (where is_personal) as personal_ended_at,
        max(watched_s) filter (where is_personal) as personal_watched_s,
        count(*) filter (where is_personal) as personal_report_count
    from reports
    group by playback_id

),

{% if is_incremental() %}

    content_changed as (

        select content.content_id
        from content
        inner join run on content.build_id = run.build_id

    ),

    -- what earlier builds knew of these playbacks, and of playbacks whose catalogue entry has changed since
    known as (

        select * from {{ this }}
        where playback_id in (select reports_merged.playback_id from reports_merged)
        union
        select * from {{ this }}
        where content_id in (select content_changed.content_id from content_changed)

    ),

    parts as (

        select
            *,
            null::varchar as previous_device_key,
            null::timestamp as previous_started_at,
            null::timestamp as previous_personal_started_at
        from reports_merged
        union all by name
        select
            * exclude (build_id, previous_device_key, previous_started_at, previous_personal_started_at),
            device_key as previous_device_key,
            started_at as previous_started_at,
            personal_started_at as previous_personal_started_at
        from known

    ),

    merged as (

        select
            playback_id,
            min(content_id) as content_id,
            min(device_class) as device_class,
            min(started_at) as started_at,
            max(ended_at) as ended_at,
            max(watched_s) as watched_s,
            max(reported_duration_s) as reported_duration_s,
            sum(report_count)::bigint as report_count,
            min(device_key) as device_key,
            min(personal_started_at) as personal_started_at,
            max(personal_ended_at) as personal_ended_at,
            max(personal_watched_s) as personal_watched_s,
            sum(personal_report_count)::bigint as personal_report_count,
            max(previous_device_key) as previous_device_key,
            max(previous_started_at) as previous_started_at,
            max(previous_personal_started_at) as previous_personal_started_at
        from parts
        group by playback_id

    ),

{% else %}

    merged as (

        select
            *,
            null::varchar as previous_device_key,
            null::timestamp as previous_started_at,
            null::timestamp as previous_personal_started_at
        from reports_merged

    ),

{% endif %}

stamped as (

    select
        merged.*,
        run.build_id
    from merged
    cross join run

)

select * from stamped
