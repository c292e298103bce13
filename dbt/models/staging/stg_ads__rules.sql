{{ config(tags=['households']) }}

with

source as (

    select * from {{ source('ads', 'rules') }}

),

named as (

    select
        timezone,
        gap_minutes
    from source

)

select * from named
