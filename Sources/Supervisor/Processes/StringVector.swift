// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A null-terminated array of C strings, as `posix_spawn` and `execve` take their arguments and environment.
package final class StringVector {
    private(set) var pointers: [UnsafeMutablePointer<CChar>?] = [nil]

    /// The strings, in their order.
    package init(_ strings: [String]) {
        pointers = strings.map { strdup($0) } + [nil]
    }

    /// This process's environment without some variables, the others byte by byte as they are.
    static func environment(without names: [String] = []) -> StringVector {
        let vector = StringVector([])
        let prefixes = names.map { "\($0)=" }
        var entry = clinux_environment()
        while let current = entry, let string = current.pointee {
            if !prefixes.contains(where: { strncmp(string, $0, $0.utf8.count) == 0 }) {
                vector.append(string)
            }
            entry = current.advanced(by: 1)
        }
        return vector
    }

    /// Adds a string at the end.
    func append(_ string: UnsafePointer<CChar>) {
        pointers.insert(strdup(string), at: pointers.count - 1)
    }

    deinit {
        for pointer in pointers { free(pointer) }
    }
}
