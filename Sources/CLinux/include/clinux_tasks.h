/* SPDX-License-Identifier: Apache-2.0 */
/* The hook of Swift's runtime for tasks, which Swift itself cannot name. */
#pragma once

#include <stdbool.h>

/*
 * Has `enqueue` called with each job that belongs to no executor, instead of giving it to the runtime's own threads; false
 * when this runtime has no such hook. To be called before there are tasks or other threads.
 */
bool clinux_take_over_tasks(void (*enqueue)(void *job));
