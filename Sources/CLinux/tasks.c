/* SPDX-License-Identifier: Apache-2.0 */
#include "clinux_tasks.h"

#include <stddef.h>

typedef __attribute__((swiftcall)) void (*enqueue_global)(void *job, void *original);

/* As stdlib/public/Concurrency declares it. Weak: a later runtime may be without it. */
extern __attribute__((weak)) enqueue_global swift_task_enqueueGlobal_hook;

static void (*enqueue_elsewhere)(void *job);

static __attribute__((swiftcall)) void enqueue(void *job, void *original)
{
    (void)original;
    enqueue_elsewhere(job);
}

bool clinux_take_over_tasks(void (*enqueue_job)(void *job))
{
    if (&swift_task_enqueueGlobal_hook == NULL)
        return false;
    enqueue_elsewhere = enqueue_job;
    swift_task_enqueueGlobal_hook = enqueue;
    return true;
}
