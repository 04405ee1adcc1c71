// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The event loop that the tasks which use a pool run on: runs something there after what it has to do already.
///
/// With it, what crosses between the two threads does so once for all that is ready, for a wake-up costs more than most
/// statements do.
package typealias CallerLoop = @Sendable (@escaping @Sendable () -> Void) -> Void
