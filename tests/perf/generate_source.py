"""Writes a C file of about 5,000 lines that a compiler has to work on: loops, tables, records, text,
switches and calls in random order, the same in every run."""
import random

LINES = 5000


def loops(number, pick):
    a, b, c = (pick(3, 99) for _ in range(3))
    return f"""static long sum_{number}(const int *values, int count) {{
  long total = {a}, peak = 0;
  for (int i = 0; i < count; i++) {{
    for (int j = i; j < count && j < i + {b % 13 + 2}; j++) {{
      long product = (long)values[i] * values[j] + {c};
      total += product % {a} ? product >> {b % 5} : -product;
      if (total > peak)
        peak = total;
    }}
  }}
  return total ^ peak;
}}"""


def records(number, pick):
    a, b = pick(2, 30), pick(3, 60)
    return f"""struct part_{number} {{
  int kind;
  double weight;
  struct part_{number} *next;
  char name[{a + 4}];
}};

static double weigh_{number}(struct part_{number} *part, double limit) {{
  double sum = 0;
  while (part) {{
    if (part->kind % {b} == {b // 2} && part->weight < limit)
      sum += part->weight * {a}.5;
    else
      part->kind = (part->kind * {b} + part->name[{a // 2}]) & 1023;
    part->weight = part->weight / 2 + sum;
    part = part->next;
  }}
  return sum;
}}"""


def machine(number, pick):
    cases = "\n".join(f"""    case {code}:
      state = state * {pick(3, 50)} + *text;
      text += {pick(1, 3)};
      break;""" for code in range(pick(6, 14)))
    return f"""static unsigned scan_{number}(const char *text, const char *end) {{
  unsigned state = {pick(1, 999)};
  while (text < end) {{
    switch ((state ^ (unsigned char)*text) % 16) {{
{cases}
    default:
      state = (state << 5) - state + (unsigned char)*text++;
    }}
  }}
  return state;
}}"""


def text(number, pick):
    words = ", ".join(f'"word{pick(0, 9999)}"' for _ in range(pick(4, 9)))
    return f"""static int find_{number}(char *out, int room, const char *what) {{
  static const char *const words[] = {{{words}}};
  int used = 0;
  for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {{
    const char *at = strstr(what, words[i]);
    if (!at)
      continue;
    used += snprintf(out + used, room - used, "%s:%d ", words[i], (int)(at - what));
    if (used >= room - {pick(16, 64)})
      return -1;
  }}
  return used;
}}"""


def caller(number, last, pick):
    calls = "\n".join(f"  total += use_{pick(max(0, number - 40), number - 1)}(depth + {pick(1, 9)});"
                      for _ in range(pick(2, 6)) if number > last)
    return f"""long use_{number}(long depth) {{
  long total = depth * {pick(2, 77)};
  if (depth > {pick(20, 90)})
    return total;
{calls}
  return total % {pick(1000, 9999)};
}}"""


def generate():
    choice = random.Random(5000)
    parts = ["#include <stdio.h>\n#include <string.h>"]
    lines = 0
    number = 0
    while lines < LINES:
        kind = (loops, records, machine, text)[number % 4]
        parts += [kind(number, choice.randint), caller(number, 0, choice.randint)]
        lines = sum(part.count("\n") + 2 for part in parts)
        number += 1
    uses = []
    for at in range(number):
        uses.append((f"  total += sum_{at}(values, 64);",
                     f"  total += (long)weigh_{at}(0, total);",
                     f"  total += scan_{at}(buffer, buffer + used);",
                     f"  used = find_{at}(buffer, sizeof buffer, argv[0]);")[at % 4])
        uses.append(f"  total += use_{at}(total & 15);")
    parts.append("int main(int argc, char **argv) {\n  int values[64] = {argc};\n"
                 "  char buffer[4096] = \"\";\n  int used = 0;\n  long total = argc;\n"
                 + "\n".join(uses) + "\n  printf(\"%ld\\n\", total);\n  return 0;\n}\n")
    return "\n\n".join(parts)
