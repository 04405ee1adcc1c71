// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A null-terminated array of C strings, as `posix_spawn` takes its arguments and environment.
package final class StringVector {
    private(set) var pointers: [UnsafeMutablePointer<CChar>?] = [nil]

    /// The strings, in their order.
    package init(_ strings: [String]) {
        pointers = strings.map { strdup($0) } + [nil]
    }

    /// This process's environment, byte by byte as it is.
    static func environment() -> StringVector {
        let vector = StringVector([])
        var entry = clinux_environment()
        while let current = entry, let string = current.pointee {
            vector.pointers.insert(strdup(string), at: vector.pointers.count - 1)
            entry = current.advanced(by: 1)
        }
        return vector
    }

    deinit {
        for pointer in pointers { free(pointer) }
    }
}
