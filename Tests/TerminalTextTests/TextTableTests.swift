// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import TerminalText
import Testing

struct TextTableTests {
    @Test
    func description_alignsColumnsAndEndsNoLineWithSpaces() {
        let table = TextTable(rows: [["ID", "NAME", "ROLES"], ["1", "Ada Lovelace", ""], ["22", "", "admin"]])

        #expect(
            table.description == """
                ID  NAME          ROLES
                1   Ada Lovelace
                22                admin
                """
        )
    }

    @Test
    func description_whenCharactersAreWideOrCombine_alignsByWhatTheTerminalShows() {
        let table = TextTable(rows: [["漢字", "x"], ["e\u{301}", "x"], ["👩🏽", "x"], ["ｆ", "x"], ["abcd", "x"]])

        #expect(table.description == "漢字  x\ne\u{301}     x\n👩🏽    x\nｆ    x\nabcd  x")
    }

    @Test
    func description_whenACellHoldsControlCharacters_isOneLineThatTheTerminalObeysNothingOf() {
        let table = TextTable(rows: [["a\u{1B}[31m\nb\r\t\u{9B}2J\u{202E}\u{7F}", "x"]])

        #expect(table.description == #"a\u001b[31m\u000ab\u000d\u0009\u009b2J\u202e\u007f  x"#)
    }

    @Test
    func table_ofItems_hasAHeader_andOfOneItemATitleInEachRow() {
        let columns: [Column<Int>] = [Column("number") { "\($0)" }, Column("its half") { "\(Double($0) / 2)" }]

        #expect(TextTable([1, 20], columns).description == "NUMBER  ITS HALF\n1       0.5\n20      10.0")
        #expect(TextTable(7, columns).description == "number    7\nits half  3.5")
    }
}
