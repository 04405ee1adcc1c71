// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The file descriptors that a worker inherits, at fixed numbers.
package enum InheritedDescriptor {
    /// The public listening socket, bound and listening.
    package static let listener: Int32 = 3
    /// The worker's end of its control socket; end of file means that the supervisor is gone.
    package static let control: Int32 = 4
    /// The memory that supervisor and workers share.
    package static let sharedMemory: Int32 = 5
    /// The admin listening socket; closed when there is none.
    package static let adminListener: Int32 = 6
}
