// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What the server said to the oldest thing in a pipeline.
package enum PipelineAnswer {
    case success
    case failure
    /// It was not run, because an earlier statement of its group failed (`PGRES_PIPELINE_ABORTED`).
    case skipped
    /// The group is over (`PGRES_PIPELINE_SYNC`).
    case sync
}
