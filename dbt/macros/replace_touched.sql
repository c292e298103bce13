{#
    Incremental strategy: delete the rows that a row of `meta.touched` reaches by `meta.replaces` (a condition over `old` and
    `touched`), then insert what the model selects. Unlike delete+insert it also removes rows whose key is gone, e.g. the
    session that a late event joined to its neighbour.
#}
{% macro get_incremental_replace_touched_sql(arg_dict) %}
    {%- set meta = config.get('meta') -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }} as old
    using {{ ref(meta['touched']) }} as touched
    where {{ meta['replaces'] }};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}
