with

run as (

    select * from {{ ref('stg_platform__run') }}

),

playbacks as (

    select * from {{ ref('fct_playbacks') }}

),

content_counts as (

    select * from {{ ref('feat_next_video__content_counts') }}

),

training_plays as (

    select
        playbacks.device_key,
        playbacks.device_class,
        playbacks.content_id,
        playbacks.started_at as played_at,
        playbacks.watched_share
    from playbacks
    inner join run on {{ is_in_window('playbacks.started_at') }}
    inner join content_counts
        on playbacks.content_id = content_counts.content_id
        and content_counts.is_trainable
    where playbacks.is_play

)

select * from training_plays
