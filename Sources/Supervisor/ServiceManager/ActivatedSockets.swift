// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Which of the descriptors that a service manager handed in is which listener (sd_listen_fds(3)).
package struct ActivatedSockets: Hashable, Sendable {
    /// The number of the first descriptor.
    private static let first: Int32 = 3
    /// The name of the admin listener, given by `FileDescriptorName=`; a socket of any other name is the public one.
    private static let adminName = "postern-admin"

    /// The public one; nil when it was not handed in.
    package var listener: Int32?
    /// The one for operators; nil when it was not handed in.
    package var adminListener: Int32?

    /// Nothing was handed in.
    package init() {}

    /// What was handed in.
    ///
    /// - Parameters:
    ///   - count: How many descriptors there are.
    ///   - names: Their names, separated by colons.
    /// - Throws: ``ListenError`` when there are two of a kind: one of them would never be served.
    package init(count: Int32, names: String?) throws(ListenError) {
        let names = names?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        for index in 0..<max(0, count) {
            let isAdmin = Int(index) < names.count && names[Int(index)] == Self.adminName
            let place = isAdmin ? \ActivatedSockets.adminListener : \.listener
            guard self[keyPath: place] == nil else {
                throw ListenError(
                    place: "the sockets that the service manager handed in",
                    reason: "more than one is named \(isAdmin ? Self.adminName : "for the public listener")"
                )
            }
            self[keyPath: place] = Self.first + index
        }
    }
}
