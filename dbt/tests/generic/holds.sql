{# What every row must fulfil, in one pass over the table; a condition that is null does not hold. #}
{% test holds(model, conditions) %}

select
    *,
    concat_ws(
        '; ',
        {%- for condition in conditions %}
            case when not coalesce({{ condition }}, false) then {{ dbt.string_literal(condition | replace("'", "''")) }} end
            {{- ',' if not loop.last }}
        {%- endfor %}
    ) as broken_conditions
from {{ model }}
where not (
    {%- for condition in conditions %}
        coalesce({{ condition }}, false){{ ' and' if not loop.last }}
    {%- endfor %}
)

{% endtest %}
