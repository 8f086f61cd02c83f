"""How families of models write tools, calls and results: their chat templates, cut down to that."""

BREAK = "{{ '\\n' }}"
"""A plain one behind a tag is trimmed."""

ROLES = "{% for m in messages %}"
END = "{% endfor %}{% if add_generation_prompt %}<assistant>\n{% endif %}"
SHOWN = "{% if tools %}{{ tools | tojson }}\n{% endif %}"
"""All tools as one line of JSON."""

NO_TOOLS = f"{ROLES}<{{{{ m.role }}}}>\n{{{{ m.content }}}}\n{END}"

ALTERNATING = (
    "{% for m in messages %}"
    "{% if (m.role == 'user') != (loop.index0 % 2 == 0) or m.role not in ['user', 'assistant'] %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}"
    f"<{{{{ m.role }}}}>\n{{{{ m.content }}}}\n{END}"
)
"""Gemma 2: no system message, no tools, user and assistant in turn."""

QWEN = (
    f"{SHOWN}{ROLES}<{{{{ m.role }}}}>\n{{{{ m.content }}}}"
    "{% for c in m.tool_calls or [] %}\n<tool_call>\n"
    '{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}'
    f"\n</tool_call>{{% endfor %}}{BREAK}{END}"
)
"""Qwen 2.5 and 3, Hermes."""

QWEN_FUNCTIONS = (
    f"{SHOWN}{ROLES}<{{{{ m.role }}}}>\n{{{{ m.content }}}}"
    "{% for c in m.tool_calls or [] %}\n<tool_call>\n<function={{ c.function.name }}>\n"
    "{% for key, value in c.function.arguments.items() %}<parameter={{ key }}>\n{{ value }}\n</parameter>\n{% endfor %}"
    f"</function>\n</tool_call>{{% endfor %}}{BREAK}{END}"
)
"""Qwen 3.5."""

LLAMA = (
    f"{SHOWN}{ROLES}"
    "{% if m.tool_calls %}{% if m.tool_calls | length != 1 %}{{ raise_exception('one call at once') }}{% endif %}"
    '<assistant>\n{"name": "{{ m.tool_calls[0].function.name }}", '
    '"parameters": {{ m.tool_calls[0].function.arguments | tojson }}}\n'
    f"{{% else %}}<{{{{ m.role }}}}>\n{{{{ m.content }}}}\n{{% endif %}}{END}"
)
"""Llama 3."""

LFM = (
    f"{SHOWN}{ROLES}<{{{{ m.role }}}}>\n"
    "{% if m.tool_calls %}<|tool_call_start|>["
    "{% for c in m.tool_calls %}{{ c.function.name }}("
    "{% for key, value in c.function.arguments.items() %}"
    "{{ key }}={% if value is string %}'{{ value }}'{% else %}{{ value }}{% endif %}"
    "{% if not loop.last %}, {% endif %}{% endfor %}){% if not loop.last %}, {% endif %}{% endfor %}"
    f"]<|tool_call_end|>{{% endif %}}{{{{ m.content }}}}\n{END}"
)
"""LFM 2.5."""

MINISTRAL = (
    f"{SHOWN}{ROLES}<{{{{ m.role }}}}>\n{{{{ m.content }}}}"
    "{% for c in m.tool_calls or [] %}[TOOL_CALLS]{{ c.function.name }}[ARGS]{{ c.function.arguments | tojson }}"
    f"{{% endfor %}}{BREAK}{END}"
)
"""Ministral 3."""

GEMMA_4 = (
    f"{SHOWN}{ROLES}<{{{{ m.role }}}}>\n"
    "{% for c in m.tool_calls or [] %}<|tool_call>call:{{ c.function.name + '{' }}"
    '{% for key, value in c.function.arguments.items() %}{{ key }}:<|"|>{{ value }}<|"|>{% endfor %}'
    f"}}<tool_call|>{{% endfor %}}{{{{ m.content }}}}\n{END}"
)
"""Its calls are not JSON, and are not read here."""

OTHER_NAME = f"{{% if xml_tools %}}{{{{ xml_tools }}}} <tool_call>{{% endif %}}{NO_TOOLS}"
"""SmolLM 3: tools, but not under the name by which everybody passes them."""
