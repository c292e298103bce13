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

playbacks as (

    select * from {{ ref('int_playbacks_measured') }}
    where started_at::date in (select touched.day from touched)

),

content_days as (

    select
        content_id,
        device_class,
        started_at::date as day,
        count(*) as playback_count,
        count(*) filter (where is_play) as play_count,
        count(*) filter (where is_view) as view_count,
        {{ seconds_summed('watched_s') }} as watched_s
    from playbacks
    group by all

)

select * from content_days
