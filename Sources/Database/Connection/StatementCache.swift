// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The statements that one connection has prepared, or is preparing, and their names at the server.
package struct StatementCache {
    private var names: [Statement: String] = [:]
    private var lastNumber = 0

    package init() {}

    /// The name of `statement`, and whether it has to be prepared first.
    package mutating func name(for statement: Statement) -> (name: String, isNew: Bool) {
        if let name = names[statement] { return (name, false) }
        // The number is never used again: the server may still hold a statement that was forgotten here. The hash is for
        // poolers that give sessions to others without their names: a name never stands for another statement's text.
        lastNumber += 1
        let name = "s\(lastNumber)_\(Self.hash(statement.sql))"
        names[statement] = name
        return (name, true)
    }

    /// FNV-1a of 64 bits, the same in each process.
    private static func hash(_ text: String) -> String {
        let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }

    /// Lets the next use of `statement` prepare it again.
    package mutating func forget(_ statement: Statement) {
        names[statement] = nil
    }

    /// Lets the next use of each statement prepare it again.
    package mutating func forgetAll() {
        names = [:]
    }
}
