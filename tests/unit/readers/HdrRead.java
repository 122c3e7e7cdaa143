// SPDX-License-Identifier: GPL-2.0-only
// What HdrHistogram's own reader makes of interval logs: a line for each interval of each file.
import java.io.FileInputStream;
import java.util.Locale;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

public class HdrRead {
	public static void main(String[] args) throws Exception {
		for (int i = 0; i < args.length; i++)
			read(i, args[i]);
	}

	private static void read(int number, String file) throws Exception {
		HistogramLogReader reader = new HistogramLogReader(new FileInputStream(file));

		while (reader.hasNext()) {
			EncodableHistogram next = reader.nextIntervalHistogram();

			if (next == null)
				break;
			Histogram h = (Histogram) next;
			System.out.printf(Locale.US, "%d %s %d %d %d %d %.6f %d %d %d %d %d\n", number, h.getTag(),
				h.getStartTimeStamp(), h.getEndTimeStamp(), h.getTotalCount(), h.getMinValue(),
				h.getMean(), h.getMaxValue(), h.getValueAtPercentile(50), h.getValueAtPercentile(90),
				h.getValueAtPercentile(99), h.getValueAtPercentile(99.9));
		}
		reader.close();
	}
}
