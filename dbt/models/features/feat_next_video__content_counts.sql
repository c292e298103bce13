with

run as (

    select * from {{ ref('stg_platform__run') }}

),

playbacks as (

    select * from {{ ref('int_playbacks_measured') }}

),

counted as (

    select
        playbacks.content_id,
        count(*) filter (where playbacks.is_play) as play_count,
        bool_or(playbacks.is_video) as is_video
    from playbacks
    inner join run on {{ is_in_window('playbacks.started_at') }}
    group by playbacks.content_id

),

judged as (

    select
        content_id,
        play_count,
        -- NV-T3, and only what the catalogue knows as a video
        is_video and play_count >= {{ var('min_plays') }} as is_trainable
    from counted

)

select * from judged
