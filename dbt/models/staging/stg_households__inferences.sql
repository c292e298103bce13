{{ config(tags=['households']) }}

with

source as (

    select * from {{ source('households', 'inferences') }}

),

named as (

    select
        device_key,
        household_id,
        what,
        value as answer,
        confidence
    from source

)

select * from named
