// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What a worker inherits besides its control socket, under the numbers that the supervisor has.
///
/// The numbers are above those that the worker gets, so that putting one into place never overwrites another.
package struct WorkerDescriptors: Hashable, Sendable {
    package let listener: Int32
    package let sharedMemory: Int32
    /// Nil when operators are not served.
    package let adminListener: Int32?

    package init(listener: Int32, sharedMemory: Int32, adminListener: Int32?) {
        self.listener = listener
        self.sharedMemory = sharedMemory
        self.adminListener = adminListener
    }

    /// What goes where, with the worker's end of its control socket.
    func placed(control: Int32) -> [(source: Int32, target: Int32)] {
        var placed = [
            (listener, InheritedDescriptor.listener), (control, InheritedDescriptor.control),
            (sharedMemory, InheritedDescriptor.sharedMemory),
        ]
        if let adminListener { placed.append((adminListener, InheritedDescriptor.adminListener)) }
        return placed
    }
}
