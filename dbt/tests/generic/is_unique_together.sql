{# The grain of a model and, in the same pass, what every row must fulfil: a test of its own would be one more node. #}
{% test is_unique_together(model, columns, holds=[]) %}

select
    {{ columns | join(', ') }},
    count(*) as rows_alike
    {%- for condition in holds %},
    count(*) filter (where not coalesce({{ condition }}, false)) as broken_{{ loop.index }}
    {%- endfor %}
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for condition in holds %}
    or bool_or(not coalesce({{ condition }}, false))
    {%- endfor %}

{% endtest %}
