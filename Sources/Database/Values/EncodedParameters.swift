// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

import struct FoundationEssentials.UUID

/// Parameters as they travel: text values ended by NUL, `bytea` in binary, all in one allocation.
///
/// They are encoded by the caller, so that the database thread has little to do.
package struct EncodedParameters: Sendable {
    private enum Cell {
        case null
        case text(start: Int)
        case binary(start: Int, length: Int32)
    }

    private var cells: [Cell] = []
    private var bytes: [UInt8] = []

    /// What the protocol's 16-bit count of parameters allows (`PQ_QUERY_PARAM_MAX_LIMIT`).
    private static let maximumCount = 65_535

    /// Encodes the values.
    ///
    /// - Throws: ``DatabaseError`` with code ``DatabaseError/Code/invalidParameter`` for NUL in a text, and for more
    ///   parameters than the protocol has numbers for.
    package init(_ parameters: [Parameter]) throws(DatabaseError) {
        guard !parameters.isEmpty else { return }
        guard parameters.count <= Self.maximumCount else {
            throw DatabaseError(.invalidParameter, detail: "\(parameters.count) parameters")
        }
        cells.reserveCapacity(parameters.count)
        bytes.reserveCapacity(parameters.count * 40)
        for (index, parameter) in parameters.enumerated() {
            guard append(parameter) else {
                throw DatabaseError(.invalidParameter, detail: "parameter $\(index + 1) contains NUL")
            }
        }
    }

    /// False when a text contains NUL.
    private mutating func append(_ parameter: Parameter) -> Bool {
        let start = bytes.count
        switch parameter {
        case .null:
            cells.append(.null)
            return true
        case .bytes(let value):
            guard let length = Int32(exactly: value.count) else { return false }
            bytes.append(contentsOf: value)
            bytes.append(0)
            cells.append(.binary(start: start, length: length))
            return true
        case .text(let value): bytes.append(contentsOf: value.utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .bool(let value): bytes.append(UInt8(ascii: value ? "t" : "f"))
        case .uuid(let value): value.append(to: &bytes)
        case .timestamp(let value): bytes.append(contentsOf: value.rfc3339.utf8)
        case .textArray(let values): ArrayLiteral.append(values, to: &bytes, element: ArrayLiteral.appendQuoted)
        case .uuidArray(let values): ArrayLiteral.append(values, to: &bytes, element: { $0.append(to: &$1) })
        case .timestampArray(let values):
            ArrayLiteral.append(values, to: &bytes) { value, bytes in bytes.append(contentsOf: value.rfc3339.utf8) }
        }
        // libpq takes texts as C strings: one with NUL would be cut there without a word.
        guard !bytes[start...].contains(0) else { return false }
        bytes.append(0)
        cells.append(.text(start: start))
        return true
    }

    /// Calls `body` with the count, values, lengths and formats that libpq's functions take (manual, section 34.3.1);
    /// the pointers end with the call.
    package func withPointers<Result>(
        _ body: (
            Int32,
            UnsafePointer<UnsafePointer<CChar>?>?,
            UnsafePointer<Int32>?,
            UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        let count = cells.count
        return bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, count > 0 else { return body(Int32(count), nil, nil, nil) }
            return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * count) { numbers in
                    values.initialize(repeating: nil)
                    numbers.initialize(repeating: 0)
                    for (index, cell) in cells.enumerated() {
                        switch cell {
                        case .null: break
                        case .text(let start):
                            values[index] = base.advanced(by: start).assumingMemoryBound(to: CChar.self)
                        case .binary(let start, let length):
                            values[index] = base.advanced(by: start).assumingMemoryBound(to: CChar.self)
                            numbers[index] = length
                            numbers[count + index] = 1
                        }
                    }
                    let lengths = numbers.baseAddress.map { UnsafePointer($0) }
                    let formats = lengths?.advanced(by: count)
                    return body(Int32(count), values.baseAddress.map { UnsafePointer($0) }, lengths, formats)
                }
            }
        }
    }
}
