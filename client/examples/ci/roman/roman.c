/* roman NUMBER...: each of 1 to 3999 as the Romans wrote it. */
#include <stdio.h>
#include <stdlib.h>

static const struct {
  int value;
  const char *text;
} digits[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
              {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"}};

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    char *end;
    long number = strtol(argv[i], &end, 10);
    if (end == argv[i] || *end != '\0' || number < 1 || number > 3999) {
      fprintf(stderr, "roman: '%s' is no number from 1 to 3999\n", argv[i]);
      return 1;
    }
    for (size_t d = 0; d < sizeof(digits) / sizeof(digits[0]); d++) {
      for (; number >= digits[d].value; number -= digits[d].value) fputs(digits[d].text, stdout);
    }
    putchar('\n');
  }
  return 0;
}
