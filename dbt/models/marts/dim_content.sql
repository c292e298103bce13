with

content as (

    select * exclude (updated_at, batch_id)
    from {{ ref('stg_lake__content') }}

),

numbered as (

    select
        series_id,
        season,
        episode,
        count(*) as episode_count
    from content
    where
        kind = 'video'
        and series_id is not null
        and episode is not null
    group by series_id, season, episode

),

seasons as (

    select
        series_id,
        season,
        -- numbers without a gap: as many as the highest, counted from the lowest
        max(episode) - min(episode) + 1 > count(*) as has_gap
    from numbered
    group by series_id, season

),

series as (

    select
        series_id,
        bool_or(season is not null) as has_seasons
    from content
    where
        kind = 'video'
        and series_id is not null
    group by series_id

),

judged as (

    select
        content.*,
        content.series_id is not null as is_serial,
        content.audience = 'kids' as is_kids,
        content.genre in ('documentary', 'report') as is_documentary,
        content.kind = 'video' and content.series_id is not null and (
            content.episode is null
            or (content.season is null and series.has_seasons)
            or coalesce(seasons.has_gap, false)
            or coalesce(numbered.episode_count, 1) > 1
        ) as has_doubtful_metadata
    from content
    left join series on content.series_id = series.series_id
    left join seasons
        on content.series_id = seasons.series_id
        and content.season is not distinct from seasons.season
    left join numbered
        on content.series_id = numbered.series_id
        and content.season is not distinct from numbered.season
        and content.episode = numbered.episode

)

select * from judged
