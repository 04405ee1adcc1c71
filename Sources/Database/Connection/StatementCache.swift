// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The statements that one connection has prepared, or is preparing, and their names at the server.
struct StatementCache {
    private var names: [Statement: String] = [:]
    private var lastNumber = 0

    /// The name of `statement`, and whether it has to be prepared first.
    mutating func name(for statement: Statement) -> (name: String, isNew: Bool) {
        if let name = names[statement] { return (name, false) }
        // A number is never used again: the server may still hold a statement that was forgotten here.
        lastNumber += 1
        let name = "s\(lastNumber)"
        names[statement] = name
        return (name, true)
    }

    /// Lets the next use of `statement` prepare it again.
    mutating func forget(_ statement: Statement) {
        names[statement] = nil
    }
}
