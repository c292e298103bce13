with

source as (

    select * from {{ source('lake', 'catalogue') }}

),

content as (

    select
        content_id,
        kind,
        title,
        path,
        genre,
        audience,
        collection,
        series_id,
        season,
        episode,
        duration_s,
        published_at,
        available_from,
        available_until,
        is_playable,
        categories,
        updated_at,
        batch_id
    from source

)

select * from content
