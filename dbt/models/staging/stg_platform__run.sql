with

source as (

    select * from {{ source('platform', 'run') }}

),

bounded as (

    select
        as_of,
        build_id,
        as_of - interval ({{ var('window_days') }}) day as window_starts_at
    from source

)

select * from bounded
