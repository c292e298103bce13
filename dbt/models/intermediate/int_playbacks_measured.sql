{{ config(materialized='view') }}

with

playbacks as (

    select * from {{ ref('int_playbacks_merged') }}

),

content as (

    select * from {{ ref('int_content_tracked') }}

),

lengths_found as (

    select
        playbacks.*,
        content.genre,
        coalesce(content.kind = 'video', false) as is_video,
        coalesce(playbacks.reported_duration_s, nullif(content.duration_s, 0)) as duration_s
    from playbacks
    left join content on playbacks.content_id = content.content_id

),

shares as (

    select
        *,
        {{ watched_share('watched_s', 'duration_s') }} as watched_share,
        {{ watched_share('personal_watched_s', 'duration_s') }} as personal_watched_share
    from lengths_found

),

measured as (

    select
        *,
        {{ is_play('watched_share') }} as is_play,
        {{ is_view('watched_s') }} as is_view,
        {{ is_play('personal_watched_share') }} as is_personal_play,
        {{ is_view('personal_watched_s') }} as is_personal_view
    from shares

)

select * from measured
