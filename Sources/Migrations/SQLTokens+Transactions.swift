// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

extension SQLTokens {
    /// The first word of a statement that begins or ends a transaction; nil when there is none.
    ///
    /// A function's body may be written without quotes, as `begin atomic … end`, and has semicolons of its own.
    var transactionCommand: String? {
        let words = tokens.map { $0.lowercased() }
        var (isFirst, depth) = (true, 0)
        for (index, word) in words.enumerated() {
            let next = words[(index + 1)...].prefix(2)
            switch word {
            case ";" where depth == 0:
                isFirst = true
                continue
            case "begin" where !isFirst && next.first == "atomic": depth += 1
            case "case" where depth > 0: depth += 1
            case "end" where depth > 0: depth -= 1
            case "begin" where isFirst, "start" where isFirst, "commit" where isFirst, "end" where isFirst,
                "abort" where isFirst:
                return word
            case "rollback" where isFirst && !next.contains("to"): return word
            case "prepare" where isFirst && next.first == "transaction": return word
            default: break
            }
            isFirst = false
        }
        return nil
    }
}
