/* What the language lacks: attributes and the length of an array. */
#ifndef ATTEST_BASE_COMPILER_H
#define ATTEST_BASE_COMPILER_H

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif
