/* src/program/embedded.h
 * The catalogue is read through base/embedded.h. */
#ifndef ATTEST_PROGRAM_EMBEDDED_H
#define ATTEST_PROGRAM_EMBEDDED_H
#include "base/embedded.h"
#endif
