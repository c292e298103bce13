{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='playback_id',
    )
}}

with

playbacks as (

    select
        playback_id,
        device_key,
        device_class,
        content_id,
        genre,
        is_video,
        personal_started_at as started_at,
        personal_ended_at as ended_at,
        personal_watched_s as watched_s,
        duration_s,
        personal_watched_share as watched_share,
        is_personal_play as is_play,
        is_personal_view as is_view
    from {{ ref('int_playbacks_measured') }}
    where device_key is not null

),

touched as (

    select * from {{ ref('int_devices_touched') }}

),

{% if is_incremental() %}

    -- a session that may reach a touched stretch has to be cut anew, and so have all of its playbacks
    sessions_reached as (

        select
            known.device_key,
            min(known.started_at) as from_at,
            max(known.ended_at) as until_at
        from {{ this }} as known
        inner join touched on known.device_key = touched.device_key
        group by known.device_key, known.session_id, touched.from_at, touched.until_at
        having
            min(known.started_at) <= touched.until_at + interval ({{ var('silence_minutes') }}) minute
            and max(known.ended_at) >= touched.from_at - interval ({{ var('silence_minutes') }}) minute

    ),

{% endif %}

stretches as (

    select
        device_key,
        from_at,
        until_at
    from touched
    {% if is_incremental() %}
        union all
        select
            device_key,
            from_at,
            until_at
        from sessions_reached
    {% endif %}

),

stretches_joined as (

    select
        device_key,
        min(from_at) as from_at,
        max(until_at) as until_at
    from stretches
    group by device_key

),

playbacks_to_cut as (

    select playbacks.*
    from playbacks
    inner join stretches_joined
        on playbacks.device_key = stretches_joined.device_key
        and playbacks.started_at between stretches_joined.from_at and stretches_joined.until_at

),

ends_known as (

    select
        *,
        max(ended_at) over (
            partition by device_key
            order by started_at, playback_id
            rows between unbounded preceding and 1 preceding
        ) as silent_since
    from playbacks_to_cut

),

starts_marked as (

    select
        *,
        case
            when silent_since is null then started_at
            when started_at > silent_since + interval ({{ var('silence_minutes') }}) minute then started_at
        end as session_start
    from ends_known

),

sessions_named as (

    select
        * exclude (silent_since, session_start),
        md5(device_key || '|' || epoch_us(max(session_start) over (
            partition by device_key
            order by started_at, playback_id
        ))::varchar) as session_id
    from starts_marked

)

select * from sessions_named
